"""The methods: from a program to a selection, a bound and the proof that they meet."""
