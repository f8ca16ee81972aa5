"""Custom actions. They return events and pick responses by key; what they may decide, the backend could not know.

The executor imports every module below this package, so a new action only has to be a file in its room.
"""
