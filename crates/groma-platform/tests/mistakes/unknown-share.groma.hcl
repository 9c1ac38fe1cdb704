platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "a" { share = [database.main] }
environment "a" { network = network.a }
