"""What can be asked beyond the live figures: past days, what changed in between, the records behind, the reasons."""
