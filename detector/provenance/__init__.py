"""What the file says of itself: credentials, marks, parameters."""
