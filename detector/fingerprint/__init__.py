"""What only statistics show."""
