"""How units differ, and what dated events came with: pictures, tables and sentences."""
