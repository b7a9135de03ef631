//! Settings of a service that name a database or a broker by its ARN.

use std::fs;

use egress_doctor::evidence::hosts_in_value;
use serde_json::{Value, json};

use crate::support::{doctor, repository, run};

const ACCOUNT: &str = "us-west-2:123456789012";

/// The diagnosis of the service of the folder of AWS CLI output, with these settings and further files.
fn diagnosis(variables: &Value, secrets: &Value, files: &[(&str, Value)]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(repository("tests/fixtures/aws-cli")).unwrap().map(|entry| entry.unwrap().path())
    {
        fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let path = folder.path().join("describe-service.json");
    let mut service: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let settings = &mut service["Service"]["SourceConfiguration"]["ImageRepository"]["ImageConfiguration"];
    settings["RuntimeEnvironmentVariables"] = variables.clone();
    settings["RuntimeEnvironmentSecrets"] = secrets.clone();
    fs::write(&path, service.to_string()).unwrap();
    for (name, answer) in files {
        fs::write(folder.path().join(format!("{name}.json")), answer.to_string()).unwrap();
    }
    let home = tempfile::tempdir().unwrap();
    let (_, text) =
        run(doctor(home.path()).args(["diagnose", "--format", "json", "--aws-json"]).arg(folder.path()));
    assert!(!text.contains("hunter2"), "{text}");
    serde_json::from_str(&text).unwrap()
}

/// The destinations of the application with their evidence.
fn destinations(answer: &Value) -> Vec<String> {
    let own = answer["destinations"].as_array().unwrap().iter().filter(|one| one["caller"] == "application");
    own.map(|one| format!("{}:{} {}", one["host"].as_str().unwrap(), one["port"], one["evidence"][0]))
        .collect()
}

/// The ARNs in the answers: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html> (`MasterUserSecret`),
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html>; the key after the ARN of a secret:
/// <https://docs.aws.amazon.com/apprunner/latest/dg/env-variable-manage.html>.
#[test]
fn the_arn_of_a_database_or_of_its_secret_means_its_host_name() {
    let secret = format!("arn:aws:secretsmanager:{ACCOUNT}:secret:rds!db-0a1b2c3d-4e5f-AbCdEf");
    let cluster = json!({ "DBClusters": [{
        "DBClusterIdentifier": "ledger", "DBClusterArn": format!("arn:aws:rds:{ACCOUNT}:cluster:ledger"),
        "Engine": "aurora-mysql", "Status": "available", "Port": 3306,
        "Endpoint": "ledger.cluster-abc.us-west-2.rds.amazonaws.com",
        "ReaderEndpoint": "ledger.cluster-ro-abc.us-west-2.rds.amazonaws.com",
    }] });
    let instance = json!({ "DBInstances": [{
        "DBInstanceIdentifier": "orders", "Engine": "postgres", "DBInstanceStatus": "available",
        "Endpoint": { "Address": "orders.abc.us-west-2.rds.amazonaws.com", "Port": 5433 },
        "MasterUserSecret": { "SecretArn": secret, "SecretStatus": "active" },
    }] });
    let proxy = json!({ "DBProxies": [{
        "DBProxyName": "pool", "DBProxyArn": format!("arn:aws:rds:{ACCOUNT}:db-proxy:prx-0a1b"), "Status": "available",
        "EngineFamily": "POSTGRESQL", "Endpoint": "pool.proxy-abc.us-west-2.rds.amazonaws.com",
    }] });
    let cache = json!({ "ServerlessCaches": [{
        "ServerlessCacheName": "carts", "ARN": format!("arn:aws:elasticache:{ACCOUNT}:serverlesscache:carts"),
        "Engine": "valkey", "Status": "available",
        "Endpoint": { "Address": "carts-x.serverless.usw2.cache.amazonaws.com", "Port": 6379 },
    }] });
    let answer = diagnosis(
        &json!({
            "CACHE": format!("arn:aws:elasticache:{ACCOUNT}:serverlesscache:carts"),
            "LEDGER": format!("arn:aws:rds:{ACCOUNT}:cluster:ledger"),
            "POOL": format!("arn:aws:rds:{ACCOUNT}:db-proxy:prx-0a1b"),
            "PASSWORD": "hunter2",
        }),
        &json!({ "ORDERS_PASSWORD": format!("{secret}:password::") }),
        &[
            ("describe-db-clusters", cluster),
            ("describe-db-instances", instance),
            ("describe-db-proxies", proxy),
            ("describe-serverless-caches", cache),
        ],
    );
    assert_eq!(
        destinations(&answer),
        [
            "carts-x.serverless.usw2.cache.amazonaws.com:6379 \"environment variable CACHE contains the ARN of carts (serverless \
             cache, valkey)\"",
            "ledger.cluster-abc.us-west-2.rds.amazonaws.com:3306 \"environment variable LEDGER contains the ARN of ledger (DB \
             cluster, aurora-mysql)\"",
            "pool.proxy-abc.us-west-2.rds.amazonaws.com:5432 \"environment variable POOL contains the ARN of pool (RDS Proxy, \
             POSTGRESQL)\"",
            "orders.abc.us-west-2.rds.amazonaws.com:5433 \"environment variable ORDERS_PASSWORD contains the ARN of the secret of \
             orders (DB instance, postgres)\"",
        ]
    );
}

/// <https://docs.aws.amazon.com/msk/latest/developerguide/msk-get-bootstrap-brokers.html>,
/// <https://docs.aws.amazon.com/amazon-mq/latest/api-reference/brokers-broker-id.html>.
#[test]
fn an_arn_without_a_host_name_is_unknown_and_the_call_that_shows_it_is_named() {
    let broker = format!("arn:aws:mq:{ACCOUNT}:broker:events:b-0a1b2c3d");
    let ledger = format!("arn:aws:rds:{ACCOUNT}:cluster:ledger");
    let answer = diagnosis(
        &json!({ "BROKER": broker, "LEDGER": ledger, "OKTA": "https://bond.okta.com" }),
        &json!({}),
        &[],
    );
    assert_eq!(destinations(&answer), ["bond.okta.com:443 \"environment variable OKTA\""]);
    let unknown = "It is unknown whether it is reachable, because its host name was not read.";
    let expected = [
        format!(
            "Environment variable BROKER contains the ARN of events (Amazon MQ broker). {unknown} Give it with --to HOST:PORT; aws mq \
             describe-broker --broker-id b-0a1b2c3d shows it."
        ),
        format!(
            "Environment variable LEDGER contains the ARN of ledger (DB cluster). {unknown} Add the file describe-db-clusters.json to \
             the folder of --aws-json: aws rds describe-db-clusters > describe-db-clusters.json. Or give it with --to HOST:PORT; aws rds \
             describe-db-clusters --db-cluster-identifier ledger shows it."
        ),
    ];
    let remarks: Vec<&str> =
        answer["remarks"].as_array().unwrap().iter().map(|remark| remark.as_str().unwrap()).collect();
    for sentence in expected {
        assert!(remarks.contains(&sentence.as_str()), "{remarks:#?}");
    }
}

/// The schemes of the URLs of drivers; the hosts of Amazon MQ:
/// <https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/amazon-mq-basic-elements.html>.
#[test]
fn the_urls_of_drivers_name_their_host_and_port() {
    for (url, expected) in [
        (
            "postgresql+asyncpg://u:hunter2@orders.abc.us-west-2.rds.amazonaws.com/o",
            "orders.abc.us-west-2.rds.amazonaws.com:5432",
        ),
        (
            "mysql2://u:hunter2@ledger.cluster-abc.us-west-2.rds.amazonaws.com/l",
            "ledger.cluster-abc.us-west-2.rds.amazonaws.com:3306",
        ),
        (
            "rediss://:hunter2@master.sessions.x.usw2.cache.amazonaws.com",
            "master.sessions.x.usw2.cache.amazonaws.com:6379",
        ),
        (
            "amqps://u:hunter2@b-0a1b.mq.us-west-2.amazonaws.com:5671",
            "b-0a1b.mq.us-west-2.amazonaws.com:5671",
        ),
        (
            "b-1.e.x.c2.kafka.us-west-2.amazonaws.com:9098,b-2.e.x.c2.kafka.us-west-2.amazonaws.com:9098",
            "b-1.e.x.c2.kafka.us-west-2.amazonaws.com:9098 b-2.e.x.c2.kafka.us-west-2.amazonaws.com:9098",
        ),
        (
            "jdbc:sqlserver://orders.abc.us-west-2.rds.amazonaws.com:1433;databaseName=o",
            "orders.abc.us-west-2.rds.amazonaws.com:1433",
        ),
        (
            "sqlserver://u:hunter2@orders.abc.us-west-2.rds.amazonaws.com",
            "orders.abc.us-west-2.rds.amazonaws.com:1433",
        ),
    ] {
        assert_eq!(hosts_in_value(url).join(" "), expected, "{url}");
    }
}
