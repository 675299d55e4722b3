"""English."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "every_last_thing every_bit every_single_thing customer contact client data information info details account profile record records file everything anything"
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
            "removed erased deleted wiped purged gone + from_your + system systems database"
            " databases records files books",
            "no_longer_hold no_longer_keep no_longer_store stop_holding stop_storing"
            " stop_keeping not_to_hold + any all my data information details",
            "wipe delete erase remove purge destroy + the_lot the_whole_lot all_trace"
            " every_trace my_file my_entry me_from",
            "take_out pull strike expunge cleared clean_out clean_me zap nuke blank bin trash"
            " + my_name my_data my_details the_lot everything_you everything_about all_of_it"
            " my_account my_records my_profile",
            "be_deleted be_erased be_removed_from deleted_please",
            f"delet* eras* remov* wipe wiped destroy"
            f" destroyed purge purged scrub ditch kick_me throw_out get_rid_of clear_out + {_DATA}",
            "erasure deletion removal + data account information details profile request my",
            "right_to_be_forgotten right_to_erasure be_forgotten forget_me forget_about_me"
            " delete_me erase_me remove_me_from forget_i_ever forget_that_i_ever",
            "close closed + account + delete erase remove everything data",
        ),
        RequestKind.ACCESS: (
            "copy copies + chat conversation call calls emails recording recordings"
            " transcript messages notes + i_had with_your my with_you about_me",
            "send_me_my give_me_my send_me_all send_over_my let_me_have_my + data"
            " information details history everything file records",
            "recordings transcripts notes chats messages + send copy copies copied see get +"
            " about_me my_calls of_my my_own i_had with_me",
            "what_you_have what_you_hold what_you_know what_you_ve_got what_data"
            " what_information which_data + send give show tell like want see know + about_me"
            " on_me of_mine",
            "copy copies + all_of everything whatever all_the you_ve_got you_have_got"
            " you_keep you_store",
            "overview list export + my_data personal_data data_you information_you everything_you",
            "copy copies + data information details everything records file you_hold you_have",
            "access + my_data my_personal personal_data my_information data_you information_you"
            " my_file",
            "subject_access subject_access_request sar dsar right_of_access data_access",
            "send give show tell provide let_me_see let_me_have see + data information everything"
            " all_the_data whatever + about_me on_me you_have_on you_hold relating_to_me",
        ),
        RequestKind.PORTABILITY: (
            "transfer move send pass port + history contacts records everything data"
            " information + directly straight + them provider company operator supplier"
            " competitor new",
            "take_with_me bring_with_me take_along export + my_data my_history my_details"
            " my_information data",
            "portability port_my portable",
            "machine_readable structured_format structured_commonly csv json + data information"
            " details everything history profile",
            "transfer transferred move moved hand_over pass + data information details + provider"
            " company competitor supplier service operator directly",
        ),
        RequestKind.RECTIFICATION: (
            "i_am_not i_m_not keep_writing keep_calling keep_addressing + correct fix"
            " change update records",
            "new_address new_surname new_phone_number new_name moved_house have_moved +"
            " records system file update change changed correct note",
            "my_name_is my_surname_is my_address_is not_spelled not_spelt is_spelled is_spelt"
            " should_be should_read instead_of + name surname spelling address number birth",
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
            "object objection + campaigns calls sales profile",
            "object objecting objection + analysing analyzing analysis personalised"
            " personalized tracking scoring recommendations offers purchases habits",
            "not_use not_be_used don_t_use stop_using not_analyse not_profile no_longer_use"
            " not_want_you_to_use + marketing advertising profiling analysis ads offers"
            " recommendations training scoring",
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
        "ignore disregard forget skip scrap never_mind cancel drop + my_last my_earlier"
        " my_previous my_former my_first last_mail last_email last_message previous_mail"
        " previous_email previous_message earlier_mail earlier_email earlier_message"
        " earlier_request previous_request first_mail first_email",
        "forget_my forget_about_my forget_the forget_that + request earlier_mail previous_mail last_mail earlier_email previous_email earlier_message previous_message",
        "cancel ignore disregard withdraw forget + my_mail my_email my_message my_letter my_last both them the_deletion the_erasure",
        "withdraw withdrawn withdrawing cancel cancelled canceled retract revoke take_back"
        " disregard ignore + request petition erasure_request deletion_request",
        "changed_my_mind + request erasure deletion delete erase keep stay data",
    ),
    nothing=(
        "nothing none no_data no_need"
        " don_t_want_you_to do_not_want_you_to don_t_want_my don_t_want_any not_asking_you_to"
        " not_want_it don_t_need_you_to no_wish_to"
    ),
    pronouns="it them these those that this",
    copies="copy copies overview export extract",
    ors="or",
    selves="i me my mine myself m ve",
    footers=(
        "unsubscribe opt_out you_receive_this you_are_receiving view_in_browser per_month"
        " free_trial no_obligation"
    ),
    hints=(
        "anonymise anonymize take_me_off off_everything out_of_your from_your_database from_your_system"
        " from_your_systems off_your_system off_your_books off_your_list wipe erase forget_me"
        " "
        "data gdpr privacy personal about_me on_me about_him about_her forgotten recording"
        " recordings surname birth marketing newsletter newsletters advertising spam"
    ),
    perhaps="perhaps maybe either",
    conditions="if whether unless before until should_you were_you may_ask might_ask could_ask",
    afters="once after as_soon_as when",
    reports="said told confirmed promised assured claimed claims",
    fields="address addresses number phone telephone mobile surname name postcode birthday",
    negations=(
        "under_no_circumstances on_no_account by_no_means far_from rather_not refrain avoid hold_off dont doesnt didnt cant wont isnt "
        "not don_t doesn_t didn_t never no_need without rather_than instead_of cannot can_t won_t"
        " nor neither no_longer_want"
    ),
    keeping=(
        "keep_my keep_the please_keep want_to_keep like_to_keep to_keep keep_everything"
        " stay_open remain_open stay_visible remain_visible keep_using continue_to_use"
        " continue_using go_on_using carry_on_using still_log_in"
    ),
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
        "borrowing borrowed neighbour_s neighbor_s somebody_else_s someone_else_s my_ex ex_husband ex_wife ex_partner ex_boyfriend ex_girlfriend my_flatmate my_roommate my_boss on_behalf_of my_wife my_husband my_son my_daughter my_mother my_father my_mum my_mom"
        " my_dad my_brother my_sister my_partner my_client our_client my_friend my_colleague"
        " my_late my_grandmother my_grandfather my_parents my_child my_neighbour"
        " my_aunt my_uncle my_niece my_nephew my_cousin my_gran my_grandma my_grandpa"
        " my_grandson my_granddaughter my_mother_in_law my_father_in_law"
    ),
    authority="power_of_attorney authorised authorized authorisation authorization guardian",
    boilerplate=(
        "intended_for intended_only intended_solely in_error confidential confidentiality"
        " before_printing disclaimer intended_recipient addressee"
    ),
    idle=(
        "use process touch + don_t do_not not + data information details + until while till"
        " meanwhile",
        "not_use not_be_used not_used nobody_uses not_process not_be_processed not_processed"
        " not_touch not_be_touched not_share not_be_shared untouched no_one_uses stop_using"
        " hands_off freeze + data information details account file everything it anything"
        " entry note profile + until till meanwhile mean_time meantime pending while for_now"
        " for_the_time_being court dispute settled checked investigat* sorted legal",
        "on_hold on_ice only_store only_stored just_store just_keep only_keep stored_only"
        " storage_only kept_only merely_stored + data information details file everything"
        " profile it account",
    ),
    minds=(
        "changed_my_mind change_of_mind second_thoughts second_thought on_reflection"
        " stay_after_all staying_after_all not_after_all keep_my_account_after_all"
    ),
    befores=("before until"),
    either=("one_of_us either_of_us both_of_us the_two_of_us the_pair_of_us"),
    catalog=(
        "existence_of_a existence_of_the existence_of_my right_to_lodge right_to_complain"
        " inform_me_of_my rights_to rights_i_have"
    ),
    nouns=(
        "rectification correction*",
        "erasure deletion",
        "restriction",
        "objection object",
        "portability",
        "access",
    ),
    unwanted=(
        "don_t_want_any do_not_want_any don_t_want_my not_asking_for not_about_my"
        " don_t_need_my not_after_my may_keep can_keep feel_free_to_keep"
        " happy_for_you_to_keep fine_to_keep is_fine"
    ),
    past=(
        "by_accident accidentally by_mistake i_deleted i_removed i_ve_deleted i_have_deleted i_erased i_already thanks_for thank_you_for thanks_again_for was_deleted were_deleted been_deleted you_deleted you_removed you_erased"
        " been_removed was_removed were_removed got_deleted already_deleted had_deleted"
        " has_deleted have_deleted deleted_my deleted_our wiped_my removed_my"
        " somebody_deleted someone_deleted"
    ),
    hows=("how"),
    received=(
        "arrived received has_come came_through got_the_copy got_my_copy all_good sorted"
        " dealt_with reached_me"
    ),
    jobs=("applying_for application_for job_application vacancy my_cv my_resume cover_letter"),
    letters=("newsletter newsletters mailing_list mailing mailings"),
    asks=(
        "would_be_nice would_be_good enough suffices please pls plz kindly want would_like d_like wish wishing request requesting"
        " demand demanding require requiring ask asking insist insisting exercise"
        " exercising invoke invoking can_you could_you would_you must need_you need_my"
        " hereby go_ahead let_me have_my get_my make_sure see_to ensure appreciate grateful"
        " urge instruct expect"
    ),
    titles=("mr mrs ms him"),
)
