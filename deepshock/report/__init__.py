"""WHAT IS SHOWN: frozen views of a run, as a table in a terminal, as charts and as one HTML page."""
