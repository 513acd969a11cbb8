"""What the rehearsal goes by: the published figures of England, and choices where nothing is published.

Sources (Open Government Licence v3.0):
CIN = DfE, Children in need 2025; CSWW = DfE, Children's social work workforce 2025; SSDA903 = DfE, Children
looked after 2025; ADCS = ADCS, Safeguarding Pressures phase 9 (2023-24); MP = Missing People, return home
interviews 2023-24. *Choice* marks a figure of our own: nothing national is published.
Rates are a year and 10,000 children aged 0-17 unless they say otherwise.
"""

from typing import Final

CHILDREN: Final = 60_000  # choice: a medium-small authority

# --- front door
CONTACTS: Final = 2501.0  # ADCS
CONTACT_OUTCOMES: Final = (  # ADCS
    ("referral", 22.0),
    ("early_help", 14.0),
    ("advice", 30.0),
    ("no_further_action", 23.0),
    ("existing_case", 11.0),  # published as "other"
)
CONTACT_SOURCES: Final = (  # ADCS: police 32 %, health 17 %, education 16 %; the rest is a choice
    *(
        ("6", 32.0),
        ("2A", 16.0),
        ("2B", 1.0),
        ("3A", 6.0),
        ("3B", 4.0),
        ("3C", 3.0),
        ("3D", 2.0),
        ("3E", 1.5),
    ),
    *(("3F", 0.5), ("5A", 5.0), ("5B", 3.0), ("5C", 4.0), ("5D", 2.0), ("1A", 3.5), ("1B", 4.0), ("1C", 1.0)),
    *(("1D", 2.0), ("4", 2.5), ("7", 3.0), ("8", 2.0), ("9", 1.5), ("10", 0.5)),
)
REFERRALS: Final = 519.4  # CIN
REREFERRED: Final = 0.226  # CIN: of referrals, referred before within 12 months
REFERRAL_OUTCOMES: Final = (
    ("no_further_action", 6.5),  # CIN
    ("early_help", 3.0),  # choice, and so the rest: 88.5 % go on
    ("advice", 2.0),
    ("strategy_discussion", 12.0),
    ("assessment", 76.5),
)
PRIMARY_NEEDS: Final = (  # CIN: N1 57 %, family dysfunction and stress next; rounded
    *(
        ("N1", 57.0),
        ("N2", 7.0),
        ("N3", 3.0),
        ("N4", 8.0),
        ("N5", 14.0),
        ("N6", 3.0),
        ("N7", 1.0),
        ("N8", 4.0),
    ),
    *(("N9", 1.0), ("N0", 2.0)),
)
SIBLINGS: Final = (("1", 56.0), ("2", 24.0), ("3", 12.0), ("4", 5.5), ("5", 2.5))  # choice: 1.75 on average
CONTACT_DECISION_DAYS: Final = (
    (0, 0, 78.0),
    (1, 1, 16.0),
    (2, 2, 4.0),
    (3, 6, 2.0),
)  # Darlington: 94-98 % in a day
REFERRAL_DECISION_DAYS: Final = (
    (0, 0, 62.0),
    (1, 1, 30.0),
    (2, 2, 5.0),
    (3, 8, 3.0),
)  # Darlington: 84-97 % in a day
ALLOCATION_DAYS: Final = ((0, 0, 48.0), (1, 1, 38.0), (2, 3, 10.0), (4, 9, 4.0))  # choice

# --- assessment: working days from the referral
ASSESSMENT_DAYS: Final = (  # CIN, table C2: of 648,830 assessments
    *((0, 0, 1.8), (1, 10, 11.7), (11, 20, 17.3), (21, 30, 15.8), (31, 40, 20.2), (41, 45, 18.9)),
    *((46, 50, 5.8), (51, 60, 4.3), (61, 95, 4.2)),
)
REASSESSMENTS: Final = 80.0  # CIN: 648,830 assessments on 632,830 referrals, of which some 87 % had one
NOT_IN_NEED: Final = 0.308  # CIN: of referrals, closed after the assessment (RC8, RC9)

# --- protection
SECTION47: Final = 189.3  # CIN
SECTION47_IN_ASSESSMENT: Final = 0.225  # choice that adds up to the rate, of referrals that go to assessment
SECTION47_IN_PLAN: Final = 0.31  # the same, of children in need plans
CONFERENCE_SHARE: Final = 0.313  # CIN: 72,100 conferences on 230,590 enquiries
CONFERENCE_DAYS: Final = (  # CIN, table C4: 8.7 / 72.7 / 8.9 / 9.7 %, median 14, quartiles 13 and 15
    *((6, 10, 8.7), (11, 11, 7.3), (12, 12, 9.4), (13, 13, 14.5), (14, 14, 19.0), (15, 15, 22.5)),
    *((16, 20, 8.9), (21, 40, 9.7)),
)
PLAN_SHARE: Final = 0.90  # choice that adds up to the stock, of conferences
CP_PLANS: Final = 40.6  # CIN: open on 31 March
CP_PLAN_DAYS: Final = (  # CIN: 4.4 % of ended plans lasted two years; the rest gives the stock
    *((20, 91, 17.0), (92, 182, 11.0), (183, 365, 42.0), (366, 729, 25.6), (730, 1100, 4.4)),
)
CP_CATEGORIES: Final = (
    ("NEG", 49.0),
    ("EMO", 37.0),
    ("PHY", 7.0),
    ("SAB", 4.0),
    ("MUL", 3.0),
)  # CIN, rounded
TRANSFERS_IN: Final = 2.5  # choice
TRANSFERS_TO_PLAN: Final = ((True, 70.0), (False, 30.0))  # choice
CORE_GROUP_DAYS: Final = ((3, 10, 86.0), (11, 18, 14.0))  # choice
CP_REVIEW_FIRST_DAYS: Final = (
    (70, 88, 94.0),
    (93, 125, 6.0),
)  # CIN: 90.6 % of children had all reviews in time
CP_REVIEW_LATER_DAYS: Final = ((140, 179, 94.0), (186, 225, 6.0))
CP_VISIT_DAYS: Final = (
    (5, 10, 82.0),
    (11, 15, 12.0),
    (16, 25, 6.0),
)  # working days; Darlington 78-86 %, 94 % in 15

# --- children in need
CIN_PLAN_DAYS: Final = ((30, 90, 25.0), (91, 180, 34.0), (181, 365, 33.0), (366, 600, 8.0))  # choice
CIN_VISIT_DAYS: Final = ((10, 20, 80.0), (21, 30, 14.0), (31, 50, 6.0))  # choice; working days
DISABILITY_DAYS: Final = ((300, 700, 40.0), (701, 1400, 45.0), (1401, 1800, 15.0))  # choice

# --- care
LOOKED_AFTER: Final = 67.0  # SSDA903: on 31 March
CARE_STARTS: Final = 26.0  # SSDA903
FROM_OPEN_CASES: Final = 0.72  # choice: of those who come into care
CARE_DAYS: Final = (  # choice that gives the stock from the starts
    *((5, 180, 32.0), (181, 730, 31.0), (731, 2200, 26.0), (2201, 5000, 11.0)),
)
CARE_YEARS_BACK: Final = 14
PLACEMENT_DAYS: Final = ((7, 90, 24.0), (91, 365, 30.0), (366, 1200, 30.0), (1201, 3500, 16.0))  # choice
REGIMES: Final = (  # choice
    *(("standard", 66.0), ("long_term", 8.0), ("long_term_foster", 18.0), ("weekly_then_six_weeks", 5.0)),
    ("weekly_then_four_weeks", 3.0),
)
CARE_VISITS_ON_TIME: Final = 0.91  # Darlington's target 90 %
CARE_REVIEWS_ON_TIME: Final = 0.93  # choice
MISSING: Final = 22.0  # SSDA903: 11 % of children looked after went missing in the year; episodes a choice
INTERVIEWS_IN_72_HOURS: Final = 0.63  # MP: mean of the authorities
LEAVING_CARE_SHARE: Final = 0.38  # choice: of those who leave care, on to a leaving care team
LEAVING_CARE_DAYS: Final = ((500, 1100, 100.0),)  # choice

# --- workforce
IN_POST_FTE: Final = 29.7  # CSWW: 36,186 FTE on 12.18 million children
TURNOVER: Final = 0.118  # CSWW: leavers on those in post
AGENCY_SHARE: Final = 0.130  # CSWW
AGENCY_COVER: Final = 0.811  # CSWW: of agency workers, covering a vacancy
VACANCY_SHARE: Final = 0.142  # CSWW
CASELOAD: Final = 15.2  # CSWW: cases on FTE of those who hold any
ABSENCE: Final = 0.035  # CSWW: days lost to sickness on FTE and working days
FTE: Final = (("1.0", 80.0), ("0.9", 3.0), ("0.8", 9.0), ("0.6", 6.0), ("0.5", 2.0))  # CSWW: 0.945 on average
MOVES: Final = 0.05  # choice: moves within, of those in post
SICKNESS_SPELLS: Final = 1.05  # choice that adds up to the absence rate, a worker and year
SICKNESS_DAYS: Final = ((1, 5, 80.0), (6, 28, 13.0), (30, 150, 7.0))
MATERNITY_SPELLS: Final = 0.025
MATERNITY_DAYS: Final = ((200, 365, 100.0),)
OTHER_SPELLS: Final = 0.15
OTHER_DAYS: Final = ((1, 10, 100.0),)
TENURE_YEARS: Final = 1 / TURNOVER
AGENCY_DAYS: Final = ((28, 90, 35.0), (91, 270, 45.0), (271, 600, 20.0))  # choice
NEWLY_QUALIFIED: Final = 0.40  # choice: of permanent starters among case holders
SUPERVISION_DAYS: Final = (
    (12, 14, 77.0),
    (15, 21, 15.0),
    (22, 45, 8.0),
)  # choice, round the expected fortnight

# --- quality and recording (all choices)
AUDITS: Final = 60.0
GRADES: Final = (("outstanding", 4.0), ("good", 46.0), ("requires_improvement", 40.0), ("inadequate", 10.0))
CORRECTED: Final = 0.02
DUPLICATED: Final = 0.004
