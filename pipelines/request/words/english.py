"""English."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "customer contact client data information info details account profile record records file everything anything"
    " all_of_it my_name my_email my_number whatever_you traces stuff"
    " system systems database databases"
)
_FIELDS: Final = (
    "address number phone telephone mobile name surname spelling spelled spelt email e_mail mail"
    " birth birthday details data information postcode record records"
)

ENGLISH: Final = Wordbook(
    language="en",
    common=(
        "the and you your my me is are have has please of to for with this that about would i"
        " hello dear regards thank thanks not on been from it"
    ),
    rights={
        RequestKind.ERASURE: (
            "be_deleted be_erased be_removed_from deleted_please",
            f"delet* eras* remov* wipe wiped destroy"
            f" destroyed purge purged scrub ditch kick_me throw_out get_rid_of clear_out + {_DATA}",
            "erasure deletion removal + data account information details profile request my",
            "right_to_be_forgotten right_to_erasure be_forgotten forget_me forget_about_me"
            " delete_me erase_me remove_me_from forget_i_ever forget_that_i_ever",
            "close closed + account + delete erase remove everything data",
        ),
        RequestKind.ACCESS: (
            "overview list export + my_data personal_data data_you information_you everything_you",
            "copy copies + data information details everything records file you_hold you_have",
            "access + my_data my_personal personal_data my_information data_you information_you"
            " my_file",
            "subject_access subject_access_request sar dsar right_of_access data_access",
            "send give show tell provide let_me_see let_me_have see + data information everything"
            " all_the_data whatever + about_me on_me you_have_on you_hold relating_to_me",
        ),
        RequestKind.PORTABILITY: (
            "portability port_my portable",
            "machine_readable structured_format structured_commonly csv json + data information"
            " details everything history profile",
            "transfer transferred move moved hand_over pass + data information details + provider"
            " company competitor supplier service operator directly",
        ),
        RequestKind.RECTIFICATION: (
            "correct_this correct_that correct_it fix_this fix_that put_this_right name_change change_of_address change_of_name",
            f"correct corrected rectify rectified rectification amend amended update updated change"
            f" changed fix fixed put_right + {_FIELDS}",
            f"wrong incorrect misspelled misspelt inaccurate out_of_date outdated typo mistake +"
            f" {_FIELDS} + you_have your_records your_system on_file my me for_me",
        ),
        RequestKind.RESTRICTION: (
            "restrict restricted restriction block blocked freeze frozen limit limited pause +"
            " processing process using use used data information account",
            "stop_using stop_processing do_not_use don_t_use + data information details + until"
            " while meanwhile pending checked verified delete erase",
        ),
        RequestKind.OBJECTION: (
            "take_me_off remove_me unsubscribe + list mailing_list mailing",
            "object objection objecting opt_out opting_out oppose + processing process marketing"
            " profiling profile use using data advertising adverts newsletter newsletters selling"
            " sharing analysis",
            "stop unsubscribe no_more take_me_off remove_me_from never_again + marketing newsletter"
            " newsletters advertising adverts promotional promotions offers mailing mailings"
            " mailing_list spam profiling ads",
        ),
    },
    holdings=(
        "what which all everything + data information details hold have know store stored keep"
        " kept collected got saved + about_me on_me of_mine relating_to_me concerning_me on_file",
    ),
    withdrawal=(
        "cancel ignore disregard withdraw forget + my_mail my_email my_message my_letter my_last both them the_deletion the_erasure",
        "withdraw withdrawn withdrawing cancel cancelled canceled retract revoke take_back"
        " disregard ignore + request petition erasure_request deletion_request",
        "changed_my_mind + request erasure deletion delete erase keep stay data",
    ),
    nothing="nothing none no_data no_need",
    pronouns="it them these those that this",
    copies="copy copies overview export extract",
    ors="or",
    selves="i me my mine myself m ve",
    footers=(
        "unsubscribe opt_out you_receive_this you_are_receiving view_in_browser per_month"
        " free_trial no_obligation"
    ),
    hints=(
        "data gdpr privacy personal about_me on_me about_him about_her forgotten recording"
        " recordings surname birth marketing newsletter newsletters advertising spam"
    ),
    perhaps="perhaps maybe",
    conditions="if whether unless before until",
    afters="once after as_soon_as when",
    reports="said told confirmed promised assured claimed claims",
    fields="address addresses number phone telephone mobile surname name postcode birthday",
    negations=(
        "not don_t doesn_t didn_t never no_need without rather_than instead_of cannot can_t won_t"
        " nor neither no_longer_want"
    ),
    keeping="keep_my keep_the please_keep want_to_keep like_to_keep to_keep keep_everything",
    uncertain=(
        "not_sure_which not_sure_what not_sure_if not_sure_whether don_t_know_what"
        " don_t_know_which don_t_know_whether or_whatever what_is_best what_s_best"
        " whatever_is_best haven_t_decided have_not_decided not_decided undecided considering"
        " thinking_of"
    ),
    knowing="know see tell learn find_out informed inform understand curious",
    hypothetical=(
        "how_do_i how_can_i how_would how_long_do what_happens_if what_would_happen is_it_possible"
        " do_you_ever your_policy in_general thinking_about wondering_whether if_i_ever"
        " could_you_explain do_you_delete do_you_keep"
    ),
    others=(
        "on_behalf_of my_wife my_husband my_son my_daughter my_mother my_father my_mum my_mom"
        " my_dad my_brother my_sister my_partner my_client our_client my_friend my_colleague"
        " my_late my_grandmother my_grandfather my_parents my_child my_neighbour"
    ),
    authority="power_of_attorney authorised authorized authorisation authorization guardian",
    boilerplate=(
        "intended_for intended_only intended_solely in_error confidential confidentiality"
        " before_printing disclaimer intended_recipient addressee"
    ),
)
