"""Hostile and unlucky inputs by id: the tests of each, or why it does not apply here.

The ids are those of a list of bad inputs that this project keeps; `email-…` inputs are in
`tests/request/mail`.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

# input id: (what it is, tests that show what happens)
AUTOMATED: dict[str, tuple[str, tuple[str, ...]]] = {
    "stored_data-02": (
        "an absolute path outside the root",
        ("stores/test_objects.py::test_stored_data_02_an_absolute_path_is_refused",),
    ),
    "stored_data-03": (
        "a symbolic link that leads outside",
        ("stores/test_objects.py::test_stored_data_03_a_symbolic_link_is_not_followed",),
    ),
    "stored_data-05": (
        "a file with a second hard link",
        (
            "stores/test_objects.py::"
            "test_stored_data_05_a_second_name_still_holds_the_bytes_so_the_object_is_refused",
        ),
    ),
    "stored_data-07": (
        "a path with NUL, a line break, 300 bytes, a space at its end",
        (
            "stores/test_objects.py::test_stored_data_07_a_path_with_a_zero_byte_is_refused",
            "stores/test_objects.py::test_stored_data_07_odd_names_are_handled_to_the_letter",
        ),
    ),
    "stored_data-08": (
        "a path in another case",
        ("stores/test_objects.py::test_stored_data_08_a_name_in_another_case_is_another_object",),
    ),
    "stored_data-10": (
        "a pipe, a device, a socket",
        ("stores/test_objects.py::test_stored_data_10_only_regular_files_are_objects",),
    ),
    "stored_data-12": (
        "a file that the system does not let go",
        (
            "stores/test_objects.py::test_stored_data_12_what_the_system_refuses_fails_after_three_tries",
            "stores/test_objects.py::test_stored_data_12_a_refusal_that_passes_is_outlasted",
        ),
    ),
    "stored_data-13": (
        "a file that is being written",
        (
            "stores/test_objects.py::test_stored_data_13_a_file_that_its_writer_has_locked_is_left",
            "stores/test_objects.py::test_stored_data_13_a_file_that_grows_is_left",
        ),
    ),
    "stored_data-15": (
        "an S3 key with spaces, +, %2F",
        (
            "stores/test_bucket.py::test_stored_data_15_a_key_is_taken_to_the_letter",
            "stores/test_objects.py::test_a_url_is_no_path_and_is_not_repeated",
        ),
    ),
    "stored_data-17": (
        "S3 answers 503 after a deletion",
        (
            "stores/test_bucket.py::"
            "test_stored_data_17_a_deletion_whose_answer_is_lost_is_done_and_looked_for",
        ),
    ),
    "stored_data-18": (
        "an unfinished multipart upload to S3",
        (
            "stores/test_bucket.py::"
            "test_stored_data_18_parts_of_an_upload_that_was_never_finished_go_with_the_object",
        ),
    ),
    "stored_data-20": (
        "a URL with a password as a path",
        ("stores/test_objects.py::test_a_url_is_no_path_and_is_not_repeated",),
    ),
    "stored_data-22": (
        "two people with one address or telephone",
        (
            "flows/test_ends.py::test_a_value_of_two_contacts_is_ambiguous_until_a_human_chooses",
            "subject/test_resolve.py::test_a_shared_number_alone_decides_nothing",
        ),
    ),
    "stored_data-23": (
        "a contact that is merged after the plan",
        (
            "flows/test_ends.py::test_a_plan_that_no_longer_fits_loses_its_approval",
            "apply/test_rows.py::test_rows_that_came_since_the_plan_leave_everything",
        ),
    ),
    "stored_data-25": (
        "names that are words",
        (
            "redaction/test_bad_inputs.py::"
            "test_a_name_that_is_a_common_word_is_not_covered_by_itself",
        ),
    ),
    "stored_data-27": (
        "a name split by a line break, by encodings, by tags",
        (
            "redaction/test_bad_inputs.py::test_a_name_that_is_split_is_covered_and_the_rest_stays",
            "verify/test_search.py::"
            "test_stored_data_27_a_name_split_by_a_line_break_quoted_printable_or_tags",
        ),
    ),
    "stored_data-28": (
        "a telephone number with any separators",
        (
            "redaction/test_bad_inputs.py::test_a_known_number_is_covered_with_any_separator",
            "verify/test_search.py::test_stored_data_28_a_number_with_any_separators",
        ),
    ),
    "stored_data-30": (
        "a message of 10 MB, a million matches",
        (
            "redaction/test_bad_inputs.py::"
            "test_a_message_of_ten_megabytes_with_many_hits_is_redacted_whole",
            "verify/test_search.py::test_stored_data_30_a_message_of_ten_megabytes_is_searched",
        ),
    ),
    "stored_data-32": (
        "characters that are none",
        ("redaction/test_bad_inputs.py::test_broken_characters_hide_no_name_and_stay_as_they_are",),
    ),
    "stored_data-33": (
        "people in the keys of a document",
        (
            "redaction/test_bad_inputs.py::test_the_keys_of_a_document_are_searched_too",
            "verify/test_residue.py::test_stored_data_33_names_of_json_keys_are_searched",
        ),
    ),
    "stored_data-35": (
        "a packed mail in a column of bytes",
        ("verify/test_residue.py::test_stored_data_35_a_blob_with_a_packed_mail_is_searched",),
    ),
    "stored_data-37": (
        "an agent of the contact's name",
        (
            "redaction/test_bad_inputs.py::"
            "test_an_agent_of_the_same_name_stays_where_the_name_is_the_agents",
            "verify/test_residue.py::"
            "test_stored_data_37_a_name_that_an_agent_bears_too_is_opaque_not_passed",
        ),
    ),
    "stored_data-38": (
        "somebody else's message that quotes the person",
        (
            "redaction/test_bad_inputs.py::"
            "test_the_message_of_another_that_quotes_the_person_stays_but_for_the_person",
        ),
    ),
    "stored_data-40": (
        "a row inserted for the person during the run",
        (
            "flows/test_borders.py::"
            "test_a_row_that_comes_after_the_texts_were_read_stops_the_erasure",
            "apply/test_rows.py::test_a_row_that_arrives_while_the_batch_is_applied_waits_for_it",
            "flows/test_reappearance.py::test_a_synchronized_contact_is_known_by_its_external_id",
        ),
    ),
    "stored_data-42": (
        "a row locked by a long transaction",
        ("flows/test_contention.py::test_rows_that_stay_locked_make_the_request_fail_alone",),
    ),
    "stored_data-43": (
        "a Parquet dictionary with values that no row holds",
        (
            "apply/test_objects.py::test_a_dictionary_keeps_no_value_that_no_row_holds",
            "verify/test_formats.py::"
            "test_stored_data_43_an_entry_of_a_dictionary_that_no_row_holds_is_found",
        ),
    ),
    "stored_data-45": (
        "older Parquet files of the same table",
        ("verify/test_residue.py::test_stored_data_45_older_files_of_the_same_table_are_found",),
    ),
    "run_control-02": (
        "kill -9 during recovery",
        ("flows/test_crash.py::test_a_run_that_was_killed_twice_is_continued_to_the_same_end",),
    ),
    "run_control-03": (
        "power loss: a file renamed and not synchronized",
        (
            "stores/test_objects.py::"
            "test_a_new_content_is_on_the_disk_before_its_name_and_its_name_before_it_is_reported",
            "stores/test_objects.py::test_a_removal_is_on_the_disk_before_it_is_reported",
            "flows/test_crash.py::test_a_run_that_was_killed_is_continued_to_the_same_end",
        ),
    ),
    "run_control-05": (
        "the database stops at once",
        ("flows/test_crash.py::test_a_server_that_dies_loses_nothing_that_was_committed",),
    ),
    "run_control-07": (
        "two schedulers start the same request",
        (
            "flows/test_ends.py::test_two_runs_at_once_do_everything_once",
            "flows/test_chunks.py::test_two_workers_at_once_do_each_request_once",
            "stores/test_queue.py::test_claims_at_the_same_time_share_no_request",
        ),
    ),
    "run_control-08": (
        "a task that is cleared by hand",
        (
            "dags/test_runs.py::test_a_task_tried_again_continues_its_batch",
            "flows/test_ends.py::test_a_closed_request_does_nothing_and_keeps_nothing_of_the_person",
        ),
    ),
    "run_control-10": (
        "a task that comes back after another took over",
        (
            "stores/test_queue.py::test_an_attempt_that_was_taken_over_is_told_and_changes_nothing",
            "apply/test_rows.py::test_a_request_that_another_run_took_over_leaves_everything",
        ),
    ),
    "run_control-12": (
        "no space for a file that is written anew",
        ("stores/test_objects.py::test_run_control_12_a_full_disk_leaves_the_old_object_alone",),
    ),
    "run_control-13": (
        "no space in the database",
        ("stores/test_database.py::test_run_control_13_a_full_disk_rolls_back_and_is_told",),
    ),
    "run_control-15": (
        "a deadlock, a serialization failure",
        (
            "stores/test_database.py::test_run_control_15_others_locks_are_told_apart",
            "flows/test_contention.py::test_rows_that_are_let_go_in_time_are_changed",
        ),
    ),
    "run_control-17": (
        "no free connection",
        (
            "stores/test_database.py::"
            "test_run_control_17_no_free_connection_is_an_outage_and_nothing_is_done",
        ),
    ),
    "run_control-18": (
        "SIGTERM",
        ("flows/test_edge.py::test_who_stops_a_task_is_not_held_up",),
    ),
    "run_control-20": (
        "a clock that is put back",
        ("stores/test_queue.py::test_run_control_20_a_later_attempt_has_the_last_word",),
    ),
    "run_control-22": (
        "a row as the result of a task",
        ("dags/test_xcom.py::test_nothing_else_passes_and_the_refusal_does_not_quote_it",),
    ),
    "run_control-23": (
        "an exception that quotes a value",
        ("stores/test_database.py::test_a_unique_violation_says_where_and_not_what",),
    ),
    "run_control-25": (
        "the driver's detail",
        ("stores/test_database.py::test_the_drivers_own_error_does_not_come_through_either",),
    ),
    "run_control-28": (
        "a core dump",
        ("test_wiring.py::test_run_control_28_no_process_leaves_a_core_dump",),
    ),
    "run_control-32": (
        "a missing signing key",
        ("flows/test_seal.py::test_a_lost_signing_key_is_not_replaced_by_another",),
    ),
    "run_control-35": (
        "a ledger without its end",
        (
            "flows/test_seal.py::test_a_copy_alone_shows_that_an_older_database_was_put_back",
            "evidence/test_ledger_check.py::"
            "test_a_cut_tail_is_noticed_by_a_checkpoint_kept_elsewhere",
        ),
    ),
    "run_control-37": (
        "a certificate that was edited",
        ("evidence/test_certificate.py::test_every_changed_byte_of_a_certificate_is_noticed",),
    ),
    "run_control-38": (
        "a schema that changes in the middle of a request",
        (
            "flows/test_ends.py::"
            "test_what_the_data_map_does_not_have_stops_a_run_before_any_row_is_read",
            "dags/test_runs.py::test_drift_stops_the_run_before_any_request_is_taken",
        ),
    ),
    "run_control-40": (
        "yesterday's backup is put back",
        ("flows/test_reappearance.py::test_yesterdays_dump_and_a_sweep_leave_no_erased_person",),
    ),
    "run_control-42": (
        "a request about nobody",
        ("flows/test_ends.py::test_an_unknown_address_ends_with_a_certificate_of_its_own",),
    ),
    "run_control-43": (
        "ten thousand requests at once: a batch has a limit, the next run takes the rest",
        (
            "flows/test_chunks.py::test_a_killed_worker_leaves_its_chunk_to_the_next",
            "stores/test_verifier.py::test_own_rows_come_in_parts_and_none_is_lost",
            "stores/test_queue.py::test_a_claim_takes_the_oldest_first_up_to_its_limit_and_raises_the_attempt",
        ),
    ),
}

# input id: (what it is, why it does not apply)
NOT_APPLICABLE: dict[str, tuple[str, str]] = {
    "run_control-27": (
        "local variables sent to OpenTelemetry or Sentry",
        "neither is a dependency; what leaves a task is cut at its edge (tests/flows/test_edge.py)",
    ),
    "run_control-30": ("swap", "the machine's; docs/recovery.md says what to do"),
    "run_control-33": (
        "a time-stamping authority that does not answer",
        "none is used: checkpoints are signed and copied elsewhere",
    ),
}


@lru_cache
def functions_of(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef))


@pytest.mark.parametrize("name", sorted(AUTOMATED))
def test_a_bad_input_has_its_tests(name):
    _, tests = AUTOMATED[name]
    assert tests
    for test in tests:
        file, _, function = test.partition("::")
        assert function in functions_of(TESTS / file), test


def test_every_bad_input_is_in_one_of_the_tables():
    assert not AUTOMATED.keys() & NOT_APPLICABLE.keys()
    for kind, count in (("stored_data", 27), ("run_control", 26)):
        known = [one for one in (*AUTOMATED, *NOT_APPLICABLE) if one.startswith(f"{kind}-")]
        assert len(known) == count
    assert all(why for _, why in NOT_APPLICABLE.values())
