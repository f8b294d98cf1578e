"""Plans of all variants of a sweep by array code: what has to be planned one by one, and what follows for the rest.

grid -> roles: which path is a rule, an instant, a design or the account's
rules -> RULE records          instants -> when a thesis is known
designs -> pieces              the orders of one thesis; theses that say the same are kin, and share theirs
pieces -> frames               the orders of the account
frames + instants + lags -> cases: orders with their sessions and refusals
cases -> needs -> layouts      the tapes and cost rows that batches of variants share
"""
