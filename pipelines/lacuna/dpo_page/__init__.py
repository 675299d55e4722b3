"""The page where a data protection officer works: what is due, plans, decisions, gates, evidence.

A FastAPI application without any knowledge of Airflow: who somebody is and what they may do is
handed in. It reads the register, decides through `request`, and can reach no erasing right.

`access` says who may do what, `forms` reads what is sent, `views`, `decisions`, `assignments`, `disclosures`,
`submissions` and `uploads` are the routes, `seen_plans` compares plans, `actions` lists what an officer can do with a request and
`dossier` what is known of one, `charts` draws, `responses` makes pages and errors.
"""

from lacuna.dpo_page.app import create_app
from lacuna.dpo_page.schedule import NextRun, Schedule
from lacuna.dpo_page.user_rights import Auth, Right

__all__ = ["Auth", "NextRun", "Right", "Schedule", "create_app"]
