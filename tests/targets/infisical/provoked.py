"""Which recorded exchanges the wizard cannot provoke, each with the reason; all others are replayed to the client."""

from __future__ import annotations

from typing import Final

_REASONS: Final = {
    "a route for administrators, which the wizard never asks": "b037 b041 b044 b045 b047 d027 d041 d042 e017 i009",
    "renewing a token: the wizard logs in anew instead": "b029 b033 b036 d009",
    "the list of projects: forbidden to machine identities, so never asked": "b049 b060 b068 d002",
    "a batch route: keys are written one after the other": "d011 d012 d014 d015 d017 d018 d019 e006 e007 f004",
    "versions, snapshots and approval boards: not for machine identities, or of the whole folder": (
        "d033 d034 d035 e010 e011 e012 e013 i004 i005"
    ),
    "a login that the wizard refuses before it is sent: empty, of a wrong type, no JSON": (
        "b005 b007 b008 b010 b011 b012 b013"
    ),
    "a login in a spelling that the wizard never sends: blanks are trimmed, no field is added": "b006 b009",
    "a path that the wizard never sends: the URL is normalised, each route has its method": (
        "b014 b015 b016 b017 b052 b056 b057 b058 g008 g009 h006 h007 h008 h009"
    ),
    "a request without a usable token: none is sent before the login": "b026 b027 g006 g007",
    "a project that its own route has not told: the id is always taken from its answer": (
        "c024 c025 c027 c035 c036 c037 c038 c039 c040 c053 c054 c055 g002 g003"
    ),
    "an environment that is not in the project's list": "c005 c023 c050 c051 c052",
    "a folder that servers misread: refused where it is typed": (
        "c015 c016 c017 c018 c019 c020 c021 c022 c046 c047 c048 c049 g010 g011 g012 g013"
    ),
    "a parameter that the wizard never sends": "c026 c043 c044 g004 g005 d020 d021 d036 d037 d038 d040 c098 c099 c100",
    "another name than the two that the wizard writes": (
        "c060 c061 c062 c063 c064 c065 c066 c067 c068 c069 c070 c072 h010"
    ),
    "a value that is trimmed or refused before it is sent": (
        "c073 c075 c076 c077 c078 c079 c080 c088 c089 c092 c093 c094 c095 c096"
    ),
}
NOT_PROVOKED: Final = {number: reason for reason, numbers in _REASONS.items() for number in numbers.split()}
"""The reason by the exchange's number."""
TOLD_TWICE: Final = sum(len(numbers.split()) for numbers in _REASONS.values()) - len(NOT_PROVOKED)
