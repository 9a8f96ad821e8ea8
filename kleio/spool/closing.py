"""The end of an attempt as its spool tells it, written into the journal once.

``close_attempt`` is called when everything of the spool is in the journal. It makes one compare-and-set, filtered by
(fence, owner), from the supervisor's exit record; without one, and with the supervisor dead, the trial is failover. A
terminal status is never overwritten, and a trial that another attempt has taken over is left alone.
"""
