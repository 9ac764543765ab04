"""Jiheng 绩衡: use cases on workflows, forms and the database, and their edges."""
