"""What all views are made of: the view itself, words and tables, the style of figures, the drawing of them."""
