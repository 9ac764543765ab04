"""What is stored: SQLAlchemy models, one noun a module, and the migrations that make their tables."""
