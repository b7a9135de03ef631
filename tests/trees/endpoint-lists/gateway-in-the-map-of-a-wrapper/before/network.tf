module "network" {
  source = "./network"

  endpoints = {
    "dynamodb" = { type = "Gateway" }
    "sqs"      = { type = "Interface" }
  }
}
