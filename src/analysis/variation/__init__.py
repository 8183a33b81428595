"""How units differ beyond chance, and what dated events did to monthly series."""
