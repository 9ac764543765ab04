"""What does the policy say? Pure arithmetic and limits; every finding cites its source."""
