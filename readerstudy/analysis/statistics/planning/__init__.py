"""Power and precision of a study before it is read, by drawing whole studies.

Pure: numpy and scipy only.
"""
