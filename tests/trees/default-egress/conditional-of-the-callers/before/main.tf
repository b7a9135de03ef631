module "pay" {
  source = "./team"

  env     = "prod"
  vpc_id  = "vpc-1"
  subnets = ["subnet-a", "subnet-b"]
}
