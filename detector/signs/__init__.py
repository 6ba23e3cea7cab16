"""What a trained eye can see: `ls` is the list that recruiters know."""
