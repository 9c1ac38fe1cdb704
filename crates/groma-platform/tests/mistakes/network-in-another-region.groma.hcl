platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "a" { region = "us-east-1" }
environment "dev" {
  network = network.a
  region  = "eu-west-1"
}
