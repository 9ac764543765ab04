"""What is filled in: one definition per official form, and the expression language forms and diagrams share."""
