"""What the demo shows: photos made on the spot, signed by a certificate authority that lives for one run."""
