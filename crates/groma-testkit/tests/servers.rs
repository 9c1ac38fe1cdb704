//! The AWS API servers start, answer, forget and end; and the oracle reaches one through the real provider.

use std::net::TcpStream;
use std::time::Duration;

use groma_testkit::{MiniStack, Moto, Workdir, mirror, oracle, skip};

#[test]
fn each_server_answers_until_it_is_dropped() {
    for server in [Moto::start(), MiniStack::start()] {
        let Some(server) = server else { return skip("needs the Python environment (cargo xtask setup)") };
        server.reset();
        let address = ("127.0.0.1", server.port());
        assert!(TcpStream::connect(address).is_ok());
        assert_eq!(server.endpoint(), format!("http://127.0.0.1:{}", server.port()));
        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }
}

#[test]
fn the_oracle_applies_through_the_real_provider() {
    if oracle().is_none() || mirror().is_none() {
        return skip("needs terraform and a mirror of the AWS provider");
    }
    let Some(moto) = Moto::start() else { return skip("needs the Python environment (cargo xtask setup)") };
    let mut workdir = Workdir::new();
    workdir.aws(&moto.endpoint()).timeout(Duration::from_secs(300));
    workdir.write(
        "main.tf",
        "provider \"aws\" {\n  skip_requesting_account_id = true\n}\nresource \"aws_vpc\" \"v\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n",
    );
    workdir.terraform(["init"]).expect_success();
    workdir.terraform(["apply", "-auto-approve"]).expect_success();
    let state = workdir.terraform(["show", "-json"]).expect_success().json();
    let vpc = &state["values"]["root_module"]["resources"][0]["values"]["id"];
    assert!(vpc.as_str().is_some_and(|id| id.starts_with("vpc-")), "{vpc}");
    moto.reset();
    workdir.terraform(["plan", "-detailed-exitcode"]).expect_status(2);
}
