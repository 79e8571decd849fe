"""What writes reports on radiographs, behind one small interface: see writing.py."""
