platform "shop" {
  region   = "eu-central-1"
  accounts = { main = "111111111111" }
}
network "prod" { zones = 4 }
environment "prod" { network = network.prod }
