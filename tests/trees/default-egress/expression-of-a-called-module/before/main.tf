module "pay" {
  source = "./runner"

  vpc_id  = "vpc-1"
  subnets = ["subnet-a", "subnet-b"]
  private = length(terraform.workspace) > 0
}
