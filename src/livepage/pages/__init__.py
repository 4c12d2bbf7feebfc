"""What every page is made of: its head, text, pictures, formulas and files, on screen and paper."""
