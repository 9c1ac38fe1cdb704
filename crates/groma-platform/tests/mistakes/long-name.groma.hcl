platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
queue "a-queue-with-a-name-that-goes-on-and-on" {}
