"""The same workloads in other libraries, each in its own idiom; every function returns return, Sharpe and drawdown."""
