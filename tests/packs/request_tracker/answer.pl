# Goes on working with a desk from which customers were erased, by Request Tracker's own program.
# Arguments: a file with `came` (a mail of somebody new), `answered` (a mail of somebody known), their ticket,
# and `erased`, tickets of the erased. Prints what it made.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;
use RT::Interface::Email;
use JSON;

open my $file, '<', $ARGV[0] or die $!;
my $asked = decode_json( do { local $/; <$file> } );
my $agent = RT::CurrentUser->new;
$agent->LoadByName('mette');

sub done {
    my ( $id, @said ) = @_;
    die "not done: @said" unless $id;
    return $id;
}

sub mailed {
    my ( $message, $ticket ) = @_;
    my ( $status, $said, $got ) = RT::Interface::Email::Gateway(
        { message => $message, queue => 'Support', action => 'correspond', $ticket ? ( ticket => $ticket ) : () } );
    die "mail: $said" unless $status == 1 && $got && $got->id;
    return $got;
}

sub counted {
    my $tickets = RT::Tickets->new($agent);
    my ( $ok, $said ) = $tickets->FromSQL( $_[0] );
    die "search: $said" unless $ok;
    return $tickets->Count;
}

my $new      = mailed( $asked->{came} );
my $answered = mailed( $asked->{answered}, $asked->{ticket} );
for my $id ( @{ $asked->{erased} } ) {
    my $ticket = RT::Ticket->new($agent);
    done( $ticket->Load($id), "ticket $id" );
    done( $ticket->Comment( Content => 'Looked at once more.' ) );
    done( $ticket->Correspond( Content => 'Anything else?' ) );
    done( $ticket->Status eq 'open', 'an answer does not open ticket ' . $id );
    done( $ticket->SetStatus('resolved') );
    done( $ticket->AddWatcher( Type => 'Requestor', Email => 'somebody.new@example.org' ) );
    my $transactions = $ticket->Transactions;
    while ( my $one = $transactions->Next ) { done( $one->Description, 'transaction ' . $one->id ) }
}
print encode_json( {
    new       => $new->id, requestor => $new->RequestorAddresses, answered => $answered->id,
    all       => counted('id > 0'),
    resolved  => counted("Status = 'resolved'"),
    burning   => counted("Content LIKE 'burns'"),
    requested => counted("Requestor.EmailAddress = '$asked->{address}'"),
} ), "\n";
