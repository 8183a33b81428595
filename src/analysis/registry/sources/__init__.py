"""From files to typed tables: folders, workbooks, cells and names."""
