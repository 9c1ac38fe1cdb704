platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "dev" { zones = 1 }
database "main" { engine = "postgres-16" }
