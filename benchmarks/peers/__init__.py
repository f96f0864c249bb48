"""What stands beside Ouistop in the table."""
