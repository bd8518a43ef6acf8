//! What a store does, whatever database it stands on.
//!
//! `sqlite.rs` and `postgres.rs` run all of it with `each!`; a function that is in no list there is a warning here.

pub(crate) mod crowds;
pub(crate) mod effects;
pub(crate) mod graph;
pub(crate) mod money;
pub(crate) mod opening;
pub(crate) mod pauses;
pub(crate) mod properties;
pub(crate) mod runs;
pub(crate) mod spending;
pub(crate) mod work;
pub(crate) mod world;

/// Makes a test of every function listed; each gets a world of its own from `$place`.
macro_rules! each {
    ($place:path; $($module:ident { $($name:ident,)+ })+) => {
        $(mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let world = crate::suite::world::World::at($place().await).await;
                crate::suite::$module::$name(world).await;
            })+
        })+
    };
}

macro_rules! suite {
    ($place:path) => {
        each! { $place;
            graph {
                a_chain_runs_in_order_and_ends_the_run,
                finishing_tells_what_became_ready_and_that_the_run_ended,
                a_job_waits_for_all_its_needs,
                a_pipeline_without_jobs_is_done_at_once,
                documents_fan_out_while_their_parent_runs,
                a_node_may_be_fed_by_several,
                what_a_fed_node_emits_feeds_the_next,
                a_fed_node_without_documents_is_done,
                jobs_of_a_fed_node_wait_for_its_needs_too,
                a_fed_node_does_not_end_before_what_it_needs,
                outputs_of_fed_nodes_are_in_no_scope,
                skips_run_down_the_graph_in_the_same_transaction,
                a_condition_sees_input_subject_states_and_outputs,
                a_condition_that_cannot_be_decided_fails_its_job,
                conditions_of_the_first_jobs_are_decided_at_creation,
                a_failed_optional_need_counts_as_met,
                single_jobs_of_an_optional_fed_node_may_fail,
                a_failure_ends_the_run_and_cancels_the_rest,
                a_group_ends_once_with_its_last_job,
            }
            runs {
                a_run_is_stored_as_it_was_asked_for,
                a_snapshot_is_read_back_exactly_by_another_process,
                the_same_key_gives_the_same_subject,
                runs_are_listed_page_by_page_latest_first,
                the_same_request_twice_is_one_run,
                a_refused_run_leaves_nothing_behind,
                a_cancelled_run_ends_every_job,
                only_what_changed_of_a_run_is_written,
                what_has_ended_is_not_paused_resumed_or_cancelled,
                a_retried_run_repeats_only_what_failed,
                a_retry_goes_on_with_the_documents_that_are_there,
                an_optional_failure_is_repeated_only_if_nobody_went_on_without_it,
                a_retried_condition_is_decided_anew,
                what_belongs_to_another_tenant_is_not_found,
                what_is_not_there_is_not_found,
                progress_counts_jobs_documents_and_addresses,
                the_time_left_is_told_once_enough_was_seen,
            }
            pauses {
                a_paused_run_keeps_its_place,
                nothing_of_a_paused_run_is_looked_at,
                a_released_job_of_a_paused_run_is_ready_after_it,
                the_input_of_a_paused_run_can_be_edited,
            }
            work {
                what_is_ready_is_announced_once,
                a_late_announcement_does_not_silence_a_job_that_came_back,
                a_job_is_claimed_once_and_raises_its_attempt,
                a_message_of_an_older_attempt_claims_nothing,
                an_announced_job_is_claimed_whatever_the_workers_clock_says,
                a_job_that_nobody_claims_is_announced_again_ever_more_rarely,
                a_job_is_not_announced_before_it_is_due,
                a_yield_that_is_due_rings_again,
                heartbeats_keep_the_lease,
                a_late_worker_changes_nothing,
                one_late_ending_does_not_hinder_the_others,
                effects_that_the_database_refuses_do_not_hinder_the_others,
                one_retry_too_many_fails_with_the_last_problem,
                progress_starts_the_count_of_failures_anew,
                a_blocked_run_says_why_until_something_moves,
                lost_leases_count_as_failures,
                reaping_takes_no_more_than_asked_and_only_of_the_scope,
                a_lost_job_of_an_ended_run_is_cancelled,
                after_a_crash_everything_goes_on_without_blame,
                events_of_workers_and_store_share_one_numbering,
            }
            effects {
                documents_belong_to_the_job_that_brings_them,
                contents_are_kept_exactly_and_in_order,
                entities_are_one_per_id_and_run,
                findings_come_back_in_manifest_order_with_their_evidence,
                facts_stay_with_the_subject_between_runs,
                a_report_is_the_subjects_next_version,
                the_frontier_gives_the_best_first,
                the_frontier_knows_what_it_knows_run_by_run,
                slices_larger_than_a_statement_are_kept_whole,
            }
            money {
                money_is_reserved_before_it_is_spent,
                without_a_budget_everything_is_granted_and_counted,
                a_crash_frees_what_was_reserved,
                a_reservation_is_replaced_by_the_same_attempt,
                a_late_answer_exceeds_no_cap,
                a_late_worker_reserves_nothing_and_releases_only_what_is_its_own,
                what_a_lost_attempt_reserved_stays_as_long_as_a_call_may_take,
                a_run_that_is_done_or_cancelled_keeps_no_money_for_lost_attempts,
                a_job_short_of_money_is_not_woken_by_its_own,
                a_call_is_settled_once,
                answers_are_found_by_job_number_and_question,
                an_attempt_that_ends_frees_what_it_left_reserved,
                a_cancelled_run_holds_no_money_of_jobs_that_do_not_run,
                a_job_short_of_money_goes_on_when_there_is_more,
                a_retried_run_may_spend_what_is_left,
            }
            opening {
                migrating_again_changes_nothing,
                a_database_that_is_not_up_to_date_is_pending,
                a_database_of_a_newer_version_is_refused_by_name,
                a_row_that_nobody_wrote_is_corrupt,
                keys_speak_for_their_tenant_until_revoked_or_expired,
                bytes_are_kept_once_under_what_they_are,
            }
            crowds {
                a_job_is_claimed_by_one_of_many,
                an_announcement_under_way_hides_no_job_from_its_claim,
                events_are_seen_in_order_without_gaps_while_many_write,
                one_request_sent_many_times_at_once_is_one_run,
                reports_published_at_once_get_one_number_each,
                many_reserving_at_once_never_exceed_the_cap,
                a_crowd_on_two_stores_hears_of_no_lock,
                slices_across_runs_wait_for_each_other_in_one_order,
                slices_that_write_to_the_same_subjects_never_wait_in_a_circle,
                a_write_that_is_cut_off_leaves_nothing_half_done,
            }
            properties {
                any_graph_with_any_outcomes_ends_with_every_job_ended,
            }
            spending {
                no_order_of_spending_exceeds_the_cap,
            }
        }
    };
}
