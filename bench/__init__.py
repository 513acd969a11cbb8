"""What is measured, against what; every number in bench/README.md comes from here."""
