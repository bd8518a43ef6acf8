//! The processes of a fleet on the real PostgreSQL, RabbitMQ and Redis: a database, queues and keys of the test's own,
//! deleted at its end.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use domain::Stage;
use lapin::{Connection, ConnectionProperties};
use sqlx::Connection as _;
use tokio::runtime::Runtime;

/// How long anything may take here.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// Where this test's part of the services is.
pub(crate) struct Ground {
    server: String,
    database: String,
    broker: String,
    redis: String,
    prefix: String,
    runtime: Runtime,
}

impl Ground {
    /// A service that is not there fails the test.
    pub(crate) fn new() -> Self {
        let url = |name: &str, usual: &str| std::env::var(name).unwrap_or_else(|_| usual.to_owned());
        let mark = domain::RunId::new().uuid().simple().to_string();
        let ground = Self {
            server: url("ASSAY_TEST_POSTGRES_URL", "postgres://assay:assay@127.0.0.1:5432/postgres"),
            database: format!("assay_test_{mark}"),
            broker: url("ASSAY_TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/%2f"),
            redis: url("ASSAY_TEST_REDIS_URL", "redis://127.0.0.1:6379/"),
            prefix: format!("test-{mark}."),
            runtime: Runtime::new().unwrap(),
        };
        ground.on_server(&format!("create database {}", ground.database));
        ground
    }

    pub(crate) fn database_url(&self) -> String {
        let (base, _) = self.server.rsplit_once('/').unwrap();
        format!("{base}/{}", self.database)
    }

    /// What leads a process here.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        [
            ("ASSAY__STORE__URL", self.database_url()),
            ("ASSAY__GATEWAY__BIND", "127.0.0.1:0".to_owned()),
            ("ASSAY__QUEUE__URL", self.broker.clone()),
            ("ASSAY__QUEUE__PREFIX", self.prefix.clone()),
            ("ASSAY__EPHEMERAL__URL", self.redis.clone()),
            ("ASSAY__EPHEMERAL__PREFIX", self.prefix.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    fn on_server(&self, sql: &str) {
        self.runtime.block_on(async {
            let mut connection = sqlx::PgConnection::connect(&self.server)
                .await
                .unwrap_or_else(|error| panic!("PostgreSQL answers (`make services` starts it): {error}"));
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        });
    }

    /// Deletes the queues with everything in them, as an operator's mistake would.
    pub(crate) fn delete_queues(&self) {
        self.runtime.block_on(async {
            let connection =
                Connection::connect(&self.broker, ConnectionProperties::default()).await.unwrap();
            let channel = connection.create_channel().await.unwrap();
            for name in Stage::ALL.map(Stage::as_str).into_iter().chain(["dead"]) {
                channel
                    .queue_delete(format!("{}{name}", self.prefix).into(), Default::default())
                    .await
                    .unwrap();
            }
        });
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        self.delete_queues();
        self.on_server(&format!("drop database if exists {} with (force)", self.database));
    }
}

/// One process of the fleet; killed when dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) admin: SocketAddr,
    /// Of the gateway.
    pub(crate) api: Option<SocketAddr>,
}

/// The binaries of all services are built side by side.
fn binary(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_assay")).with_file_name(name);
    assert!(
        path.exists(),
        "{} is built (by `make test`, or `cargo build --workspace --bins`)",
        path.display()
    );
    path
}

pub(crate) fn command(name: &str, environment: &[(String, String)]) -> Command {
    let mut command = Command::new(binary(name));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

impl Process {
    /// Starts it and waits until it says where it answers.
    pub(crate) fn start(name: &str, environment: &[(String, String)]) -> Self {
        let mut child = command(name, environment).env("ASSAY__ADMIN__BIND", "127.0.0.1:0").spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let (mut admin, mut api) = (None, None);
        let admin = loop {
            let Some(Ok(line)) = lines.next() else { panic!("{name} ended: {said:#?}") };
            let named = |key: &str| line.split_once(key).map(|(_, address)| address.trim().parse().unwrap());
            admin = admin.or_else(|| named("address="));
            api = api.or_else(|| named("api="));
            if let Some(admin) = admin
                && (api.is_some() || name != "assay-gateway")
            {
                break admin;
            }
            said.push(line);
        };
        // Whoever writes must be read; what is said is shown when a test fails.
        let name = name.to_owned();
        #[expect(clippy::print_stderr, reason = "a test's own output")]
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("{name}: {line}")));
        Self { child, admin, api }
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let (signal, pid) = (format!("-{name}"), self.child.id().to_string());
        assert!(Command::new("kill").args([&signal, &pid]).status().unwrap().success());
    }

    /// The sum of a metric's samples whose names begin like this.
    pub(crate) fn metric(&self, sample: &str) -> f64 {
        let text = self.get("/metrics").1;
        text.lines()
            .filter(|line| line.starts_with(sample))
            .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
            .sum()
    }

    /// Tells it to stop, as an operator does, and waits until it has.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        let deadline = Instant::now() + SOON;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not stop");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The status and body of an address of the admin port.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        use std::io::{Read as _, Write as _};
        let mut stream = TcpStream::connect(self.admin).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    pub(crate) fn until_ready(&self) {
        let deadline = Instant::now() + SOON;
        loop {
            let (status, body) = self.get("/readyz");
            if status == 200 {
                return;
            }
            assert!(Instant::now() < deadline, "not ready: {body}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
