# Web, API, database and miner. The internet reaches the balancer, only the web tier
# reaches the database, the miner reaches the internet through NAT, nobody has SSH.

platform "chain" {
  region   = "us-east-1"
  accounts = { main = "123456789012" }
}

environment "prod" {
  zones   = 3
  protect = true
}
environment "standby" { # where it goes when the region fails
  region = "us-west-2"
  like   = environment.prod
  size   = 0.5
}

image "node" {
  from  = "al2023-arm64"
  setup = ["images/node.yml"]
}

service "web" {
  image = image.node
  host  = "explorer.chain.example"
  scale = { min = 2, max = 6, cpu = 60 }
  uses  = [database.ledger.write, service.api]
}
service "api" {
  image = image.node
  port  = 8081
  scale = { min = 2, max = 6, requests = 600 }
  uses  = [database.ledger.read]
}
service "miner" {
  image  = image.node
  size   = "c7g.xlarge"
  scale  = { min = 1, max = 4, cpu = 90 }
  spot   = true
  script = "images/bootstrap.sh"
  uses   = [internet, internet.port["tcp/8333"]]
}

database "ledger" {
  engine  = "mysql-8.0"
  size    = "db.m7g.large"
  storage = 100
}

access "operators" {
  group  = "account"
  tunnel = [database.ledger.read]
  allow  = ["203.0.113.16/28"]
}
alarm "operators" { emails = ["ops@chain.example"] }
prove "tiers" { never = ["internet -> database.*", "service.miner -> database.ledger", "internet -> service.miner"] }
prove "edges" { exactly = true } # nothing reaches anything but what is declared here
