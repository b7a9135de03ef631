locals {
  subnets = ["subnet-a", "subnet-b", "subnet-c"]
}
