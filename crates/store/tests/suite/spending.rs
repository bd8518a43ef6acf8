//! No order of spending exceeds a cap, whoever is late.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::{Fence, Job, MicroUsd, ModelCall, Run, RunState};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use store::{Effects, Ending, Error, LONGEST_CALL, NewRun, Reserved, Scope};

use super::properties::{runner, wait};
use super::world::{LEASE, Says, World, at, done, new_run, node};

/// One move with the money of a run. `call` chooses one of those that are under way, of whatever attempt.
#[derive(Debug, Clone)]
enum Spend {
    Reserve { job: usize, seq: u32, amount: i64 },
    Settle { call: usize, percent: i64 },
    Release { call: usize },
    Crash,
    Lose { job: usize },
    ReportLate { call: usize },
    GiveBack { job: usize },
    End { job: usize },
    SetBudget { cap: i64 },
    LetTimePass,
}

fn spend() -> impl Strategy<Value = Spend> {
    let (job, seq, call) = (|| 0..3_usize, || 0..3_u32, || any::<usize>());
    prop_oneof![
        8 => (job(), seq(), 0..400_i64).prop_map(|(job, seq, amount)| Spend::Reserve { job, seq, amount }),
        5 => (call(), 0..=100_i64).prop_map(|(call, percent)| Spend::Settle { call, percent }),
        2 => call().prop_map(|call| Spend::Release { call }),
        1 => Just(Spend::Crash),
        3 => job().prop_map(|job| Spend::Lose { job }),
        1 => call().prop_map(|call| Spend::ReportLate { call }),
        1 => job().prop_map(|job| Spend::GiveBack { job }),
        1 => job().prop_map(|job| Spend::End { job }),
        1 => (0..2000_i64).prop_map(|cap| Spend::SetBudget { cap }),
        1 => Just(Spend::LetTimePass),
    ]
}

pub(crate) async fn no_order_of_spending_exceeds_the_cap(world: World) {
    let outcome = runner(&world).run(&(vec(spend(), 1..40), 200..1200_i64), |(moves, cap)| {
        wait(async {
            let mut books = Books::open(&world, cap).await;
            for one in &moves {
                books.play(one).await;
                books.compare().await;
            }
            books.close().await;
        });
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Books kept beside the store's.
struct Books<'a> {
    world: &'a World,
    run: Run,
    /// The current attempt of each job that has not ended.
    jobs: Vec<Option<Job>>,
    /// By job, attempt and number of the call: what is set aside and since when.
    held: BTreeMap<(usize, i32, u32), (i64, i64)>,
    fences: BTreeMap<(usize, i32), Fence>,
    settled: i64,
    cap: i64,
    now: i64,
}

impl<'a> Books<'a> {
    async fn open(world: &'a World, cap: i64) -> Self {
        let nodes = [node("a"), node("b"), node("c"), node("last").needs(&["a", "b", "c"])];
        let run = world.run_with(NewRun { budget: Some(MicroUsd(cap)), ..new_run(&nodes) }).await;
        let jobs = world.claim(&run, at(0)).await.into_iter().map(Some).collect();
        let (held, fences) = (BTreeMap::new(), BTreeMap::new());
        Self { world, run, jobs, held, fences, settled: 0, cap, now: 0 }
    }

    fn reserved(&self) -> i64 {
        self.held.values().map(|(amount, _)| amount).sum()
    }

    fn is_current(&self, job: usize, attempt: i32) -> bool {
        self.jobs[job].as_ref().is_some_and(|job| job.attempt == attempt)
    }

    /// The chosen one of the calls that are under way.
    fn under_way(&self, call: usize) -> Option<((usize, i32, u32), Fence)> {
        let key = self.held.keys().nth(call.checked_rem(self.held.len())?)?;
        Some((*key, self.fences[&(key.0, key.1)]))
    }

    fn forget(&mut self, job: usize, attempt: i32) {
        self.held.retain(|(of, by, _), _| (*of, *by) != (job, attempt));
    }

    async fn play(&mut self, one: &Spend) {
        self.now += 1;
        match *one {
            Spend::Reserve { job, seq, amount } => self.reserve(job, seq, amount).await,
            Spend::Settle { call, percent } => self.settle(call, percent).await,
            Spend::Release { call } => {
                let Some((key, fence)) = self.under_way(call) else { return };
                self.held.remove(&key);
                self.world.store.release(fence, key.2).await.unwrap();
            }
            Spend::Crash => {
                self.world.store.reap_all(self.run.id, at(self.now)).await.unwrap();
                self.held.clear();
                self.claim_again().await;
            }
            Spend::Lose { job } => self.lose(job).await,
            Spend::ReportLate { call } => {
                let Some(((job, attempt, _), fence)) = self.under_way(call) else { return };
                if self.is_current(job, attempt) {
                    return;
                }
                let finish = store::Finish { fence, ending: done(), effects: Effects::default() };
                let late = self.world.store.finish(&[finish], at(self.now)).await.unwrap();
                assert!(matches!(late[..], [Err(Error::Fenced)]));
                self.forget(job, attempt);
            }
            Spend::GiveBack { job } => {
                if self.end(job, Ending::Released).await {
                    self.claim_again().await;
                }
            }
            Spend::End { job } => {
                // The last one would end the run.
                if self.jobs.iter().flatten().count() > 1 && self.end(job, done()).await {
                    self.jobs[job] = None;
                }
            }
            Spend::SetBudget { cap } => {
                let fits = self.settled + self.reserved() <= cap;
                let tenant = self.world.tenant();
                let answer = tenant.set_budget(self.run.id, Some(MicroUsd(cap)), at(self.now)).await;
                assert_eq!(answer.is_ok(), fits);
                self.cap = if fits { cap } else { self.cap };
            }
            Spend::LetTimePass => self.now += i64::try_from(LONGEST_CALL.as_secs()).unwrap() / 2,
        }
    }

    async fn reserve(&mut self, job: usize, seq: u32, amount: i64) {
        let Some(Job { attempt, .. }) = self.jobs[job] else { return };
        let fence = self.jobs[job].as_ref().unwrap().fence();
        let oldest = self.now - i64::try_from(LONGEST_CALL.as_secs()).unwrap();
        self.held.retain(|_, (_, since)| *since >= oldest);
        self.held.remove(&(job, attempt, seq));
        let fits = self.settled + self.reserved() + amount <= self.cap;
        let answer = self.world.store.reserve(fence, seq, MicroUsd(amount), at(self.now)).await.unwrap();
        assert_eq!(answer == Reserved::Granted, fits);
        if fits {
            self.held.insert((job, attempt, seq), (amount, self.now));
            self.fences.insert((job, attempt), fence);
        }
    }

    /// Also what nobody waits for any more is paid.
    async fn settle(&mut self, call: usize, percent: i64) {
        let Some((key, fence)) = self.under_way(call) else { return };
        let (amount, _) = self.held.remove(&key).unwrap();
        let cost = amount * percent / 100;
        let call = ModelCall { at: at(self.now), ..super::money::call(key.2, cost) };
        for _ in 0..2 {
            self.world.store.settle(fence, call.clone(), at(self.now)).await.unwrap();
        }
        self.settled += cost;
    }

    /// The worker of one job falls silent; what it has under way may still be answered.
    async fn lose(&mut self, job: usize) {
        let Some(lost) = self.jobs[job].clone() else { return };
        let others = self.jobs.iter().flatten().filter(|other| other.id != lost.id);
        let others: Vec<Fence> = others.map(Job::fence).collect();
        self.world.store.heartbeat(&[lost.fence()], LEASE, at(self.now)).await.unwrap();
        self.now += TimeDelta::from_std(LEASE).unwrap().num_seconds() + 1;
        self.world.store.heartbeat(&others, LEASE, at(self.now)).await.unwrap();
        let reaped = self.world.store.reap(Scope::Run(self.run.id), at(self.now), 10).await.unwrap();
        assert_eq!(reaped.len(), 1);
        self.claim_again().await;
        let again = self.jobs[job].as_ref().unwrap().fence();
        self.world.store.commit(again, Effects::default(), at(self.now)).await.unwrap();
    }

    /// Ends the attempt of a job, if it runs.
    async fn end(&mut self, job: usize, ending: Ending) -> bool {
        let Some(running) = self.jobs[job].clone() else { return false };
        self.world.finish_with(&running, ending, Effects::default(), at(self.now)).await.unwrap();
        self.forget(job, running.attempt);
        true
    }

    async fn claim_again(&mut self) {
        for again in self.world.claim(&self.run, at(self.now)).await {
            let place = self.jobs.iter_mut().flatten().find(|job| job.id == again.id);
            *place.unwrap() = again;
        }
    }

    async fn compare(&self) {
        self.world.check(self.run.id).await;
        let stored = self.world.tenant().run(self.run.id).await.unwrap();
        assert_eq!((stored.settled.0, stored.reserved.0), (self.settled, self.reserved()));
    }

    /// Ends every job, and with the last one the run.
    async fn close(mut self) {
        for job in 0..self.jobs.len() {
            self.end(job, done()).await;
        }
        self.compare().await;
        let last = self.world.claim_one(&self.run, at(self.now)).await;
        self.world.done(&last).await;
        let stored = self.world.tenant().run(self.run.id).await.unwrap();
        assert_eq!((stored.state, stored.settled.0, stored.reserved.0), (RunState::Done, self.settled, 0));
    }
}
