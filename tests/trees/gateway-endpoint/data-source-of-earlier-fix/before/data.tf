data "aws_route_tables" "of_service" {
  vpc_id = "vpc-1"

  filter {
    name = "association.subnet-id" # explicit associations only
    values = ( # the subnets of the connector
      ["subnet-a", "subnet-b",
      "subnet-c"]
    )
  }
}
