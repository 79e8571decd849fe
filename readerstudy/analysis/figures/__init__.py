"""What a result set shows, as figures at journal size.

Readable in grey: hatches, markers and printed numbers carry what colour does. Only
drawing; every number comes from the result set.
"""
