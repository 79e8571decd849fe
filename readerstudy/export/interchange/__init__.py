"""Input files of other programs for reader studies: iMRMC and RJafroc.

Both were made for signal detection: cases are diseased or not, and a rating says how
surely. A study of acceptability has no such truth. What carries over is the share of
successes: every case is entered as diseased with rating 1 (success) or 0, beside a few
made-up cases without disease that all have the rating 0.5. The empirical area under the
curve is then exactly the share of successes, and its analysis for several readers and
cases applies. Nothing else in these programs does: no sensitivity, no fitted curve.
"""
