resource "aws_security_group" "app" {
  name = "bond-app"
  vpc_id = ( # the VPC of the app
    data.aws_vpc.existing.id
  )
}

resource "aws_security_group" "database" {
  name   = "database"
  vpc_id = data.aws_vpc.existing.id /* the same VPC */
}
