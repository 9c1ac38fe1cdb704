platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "a" { peers = [network.a] }
environment "a" { network = network.a }
